"""The state of one emulated Azure OpenAI resource: what its resources work with.

Everything stands above it, the way of a request too, and it knows nothing of that.
"""

from collections.abc import Callable, Iterable, Mapping

from responses_emulator.account import Deployment
from responses_emulator.auth import Auth
from responses_emulator.cipher import Cipher
from responses_emulator.errors import deployment_not_found
from responses_emulator.hosts import Hosts
from responses_emulator.model.context.prompt_cache import PromptCache
from responses_emulator.model.protocol import Model
from responses_emulator.model.replies.matching import Table
from responses_emulator.model.replies.scripted import Scripted
from responses_emulator.outbox import Outbox
from responses_emulator.rate_limits import Limits
from responses_emulator.store import Store
from responses_emulator.waiting import Pool

BATCHES_AT_ONCE = 4  # that a slow model answers


class World:
    """What one emulator holds: its clock, account, limits, and all that is stored."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        key: str,
        deployments: Iterable[Deployment],
        background_seconds: float,
        indexing_seconds: float,
        rate_limit: int | None,
        token_limit: int | None,
        replies: Table,
        model: Model,
        lenient_history: bool,
        models: Mapping[str, Model],
        mcp_hosts: Hosts,
    ) -> None:
        """Start with nothing stored. The parameters are those of `Emulator`."""
        self.clock = clock
        self.deployments = {deployment.name: deployment for deployment in deployments}
        self.background_seconds = background_seconds
        self.indexing_seconds = indexing_seconds
        self.addresses: set[str] = set()  # where adapters serve it, without a slash
        self.auth = Auth(clock, key)
        self.cipher = Cipher()
        self.store = Store(clock)
        self.prompt_cache = PromptCache()
        self.limits = Limits(clock, rate_limit, token_limit)
        self.scripted = Scripted()
        self.replies = replies
        self.model = model
        self.lenient_history = lenient_history
        self.models = models  # of deployments that have one of their own
        self.mcp_hosts = mcp_hosts  # where MCP servers may be
        self.pool = Pool()
        # Apart, since each waits for threads of that one.
        self.batch_pool = Pool(BATCHES_AT_ONCE)
        self.outbox = Outbox(clock, lambda: self.store.webhooks)

    @property
    def waits(self) -> bool:
        """Whether any of the models may take long."""
        return self.model.waits or any(each.waits for each in self.models.values())

    def model_of(self, deployment: str) -> Model:
        """The model that answers for a deployment."""
        return self.models.get(deployment, self.model) if self.models else self.model

    def reset(self) -> None:
        """Forget what is stored, waits, was used up or is scripted."""
        self.end_what_runs()
        self.store = Store(self.clock)
        self.prompt_cache = PromptCache()
        self.limits = Limits(self.clock, self.limits.requests, self.limits.tokens)
        self.scripted.clear()
        self.replies.restart()
        self.outbox.clear()

    def end_what_runs(self) -> None:
        """End the responses that are still being made, in the background."""
        for stored in self.store.responses:
            stored.let_go()

    def deployment(self, name: object) -> Deployment:
        """The deployment that a request's `model` names, or the service's 404."""
        if not isinstance(name, str) or name not in self.deployments:
            raise deployment_not_found()
        return self.deployments[name]
