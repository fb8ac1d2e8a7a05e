from .assistant_answers import (
    AssistantAnswers as AssistantAnswers,
)
from .tool_server import (
    make_tool_server as make_tool_server,
)
