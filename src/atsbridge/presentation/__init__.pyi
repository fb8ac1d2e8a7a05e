from . import baseline_message as baseline_message
from . import cleanup_message as cleanup_message
from . import delivery_alerts as delivery_alerts
from . import digest_message as digest_message
from . import explanation_text as explanation_text
from . import message_data as message_data
from . import outage_message as outage_message
from . import pair_answers as pair_answers
from . import plan_text as plan_text
from . import pulse_text as pulse_text
from . import reader_notes as reader_notes
from . import resolution_text as resolution_text
from . import run_alerts as run_alerts
from . import weekly_message as weekly_message
from .absence_message import describe_waiting as describe_waiting
from .brief_changes import describe_change as describe_change
from .brief_changes import describe_impact as describe_impact
from .brief_changes import name_section as name_section
from .brief_changes import show_pay as show_pay
from .brief_message import render_note as render_note
from .brief_message import render_questions as render_questions
from .brief_message import render_version as render_version
from .brief_questions import (
    QUESTIONS as QUESTIONS,
)
from .brief_questions import (
    ask_missing as ask_missing,
)
from .calibration_message import CalibrationMatter as CalibrationMatter
from .calibration_message import render_calibration as render_calibration
from .calibration_message import render_comparison as render_comparison
from .case_message import (
    render as render,
)
from .choice_text import (
    answer_case_reply as answer_case_reply,
)
from .choice_text import (
    answer_delivery as answer_delivery,
)
from .choice_text import (
    answer_pairs as answer_pairs,
)
from .choice_text import (
    describe_choice as describe_choice,
)
from .choice_text import (
    describe_stop as describe_stop,
)
from .clearance import (
    kept_back as kept_back,
)
from .clearance import (
    left_out as left_out,
)
from .clearance import (
    secret as secret,
)
from .clearance import (
    withheld as withheld,
)
from .explanation_text import (
    about as about,
)
from .explanation_text import (
    asks as asks,
)
from .explanation_text import (
    described as described,
)
from .formatting import (
    count as count,
)
from .formatting import (
    lower_first as lower_first,
)
from .local_time import (
    Reader as Reader,
)
from .message_context import (
    NO_FACTS as NO_FACTS,
)
from .message_context import (
    MessageContext as MessageContext,
)
from .message_context import (
    ReaderHistory as ReaderHistory,
)
from .message_context import (
    SearchFacts as SearchFacts,
)
from .message_context import (
    SideCount as SideCount,
)
from .message_data import (
    INITIALS as INITIALS,
)
from .message_data import (
    path_to as path_to,
)
from .message_data import (
    wanted as wanted,
)
from .notice_reasons import (
    describe_drop as describe_drop,
)
from .notice_reasons import (
    describe_notice_reason as describe_notice_reason,
)
from .operator_reasons import (
    describe as describe,
)
from .pair_matter import PairMatter as PairMatter
from .pair_matter import describe_side_trouble as describe_side_trouble
from .pay_mentions import MAY_NAME_PAY as MAY_NAME_PAY
from .pay_mentions import mentions_pay as mentions_pay
from .recipient_text import (
    describe_recipient as describe_recipient,
)
from .reply_buttons import BUTTON_REPLIES as BUTTON_REPLIES
from .reply_buttons import CASE_BUTTONS as CASE_BUTTONS
from .reply_buttons import ReplyState as ReplyState
from .reply_buttons import answer_press as answer_press
from .resolution_text import (
    removed_rule as removed_rule,
)
from .weekly_message import (
    WeekCount as WeekCount,
)
from .weekly_message import (
    WeeklyChange as WeeklyChange,
)
from .weekly_message import (
    WeeklyFacts as WeeklyFacts,
)
from .weekly_message import (
    WeeklyRole as WeeklyRole,
)
from .weekly_message import (
    WeeklyTask as WeeklyTask,
)
from .why_answer import (
    answer_why as answer_why,
)
