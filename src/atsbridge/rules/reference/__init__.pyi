from .json_schema import (
    pack_schema as pack_schema,
)
from .language_page import (
    FieldEntry as FieldEntry,
)
from .language_page import (
    list_fields as list_fields,
)
from .language_page import (
    list_kind_keys as list_kind_keys,
)
from .language_page import (
    render_page as render_page,
)
