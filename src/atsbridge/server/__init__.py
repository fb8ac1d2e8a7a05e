"""The live pages and the webhook receiver, on Starlette and uvicorn (extra `web`)."""

from lazy_loader import attach_stub

__getattr__, __dir__, __all__ = attach_stub(__name__, __file__)
