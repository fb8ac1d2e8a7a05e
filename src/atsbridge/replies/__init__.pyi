from .announcements import (
    Announcer as Announcer,
)
from .apply import (
    CaseActions as CaseActions,
)
from .brief_agreements import NotOnTeamError as NotOnTeamError
from .brief_agreements import agree_to_brief as agree_to_brief
from .brief_answers import AnswerRefusal as AnswerRefusal
from .brief_answers import AppliedAnswers as AppliedAnswers
from .brief_answers import apply_answers as apply_answers
from .brief_view import BriefView as BriefView
from .brief_view import SectionState as SectionState
from .brief_view import find_record as find_record
from .brief_view import read_brief as read_brief
from .calibration_rounds import begin_round as begin_round
from .listen_session import ListenSession as ListenSession
from .listen_session import is_listening as is_listening
from .pair_replies import ask_for_agreement as ask_for_agreement
from .parse_choice import (
    CHOICE_TEXTS as CHOICE_TEXTS,
)
from .parse_choice import (
    ChoiceKind as ChoiceKind,
)
from .parse_pair import parse_answers as parse_answers
from .person_choices import (
    ChoiceKeeper as ChoiceKeeper,
)
from .poll import (
    ReplyPoller as ReplyPoller,
)
from .remarks import (
    Remarks as Remarks,
)
from .remarks import (
    handled as handled,
)
from .reply_receiver import ReplyReceiver as ReplyReceiver
