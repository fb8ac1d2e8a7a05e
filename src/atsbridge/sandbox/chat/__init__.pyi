from .fake_slack import (
    FakeSlack as FakeSlack,
)
