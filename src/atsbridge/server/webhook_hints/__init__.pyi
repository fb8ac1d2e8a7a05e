from .account_webhooks import (
    AccountWebhooks as AccountWebhooks,
)
from .account_webhooks import (
    find_webhook_accounts as find_webhook_accounts,
)
from .hint_worker import (
    HintWorker as HintWorker,
)
from .hint_writer import (
    HintWriter as HintWriter,
)
from .webhook_receiver import (
    WebhookReceiver as WebhookReceiver,
)
