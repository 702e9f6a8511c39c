"""What the tools of one response may do in the world."""

from responses_emulator.http import Json
from responses_emulator.resources import mcp_servers, vector_stores, workspaces
from responses_emulator.tools import Hit, McpServer, Workspace
from responses_emulator.world import World


class Reach:
    """It holds what a request has brought: its servers, and the container it is in."""

    def __init__(
        self,
        world: World,
        tools: list[Json],
        servers: mcp_servers.Servers,
        items: list[Json],
        painter: str | None = None,
    ) -> None:
        """`items` are the conversation's: code interpreter goes on in its container.

        `painter` is the deployment that image generation is to use.
        """
        self.tools = tools
        self.draw = getattr(world.models.get(painter or ""), "draw", None)
        self._world = world
        self._servers = servers
        self._items = items
        self._containers: dict[str, str] = {}  # ids, by the types of their tools

    def search(self, tool: Json, queries: list[str]) -> list[Hit]:
        """What a file search finds."""
        options: Json = tool.get("ranking_options") or {}
        return vector_stores.search_stores(
            self._world,
            tool["vector_store_ids"],
            queries,
            tool.get("max_num_results") or 20,
            tool.get("filters"),
            options.get("score_threshold") or 0.0,
        )

    def container(self, tool: Json) -> Workspace:
        """The container of a tool; one that is made for it stays the same."""
        kind: str = tool["type"]
        wanted = self._containers.get(kind) or _wanted(tool)
        workspace = workspaces.for_tool(self._world, wanted, self._items)
        self._containers[kind] = workspace.id
        return workspace

    def mcp_server(self, tool: Json) -> McpServer:
        """The server of an MCP tool: the same connection for all of a response."""
        return self._servers[mcp_servers.key_of(tool)]

    def close(self) -> None:
        """Leave all servers."""
        for server in self._servers.values():
            server.close()

    def seal(self, text: str) -> str:
        """The text, encrypted."""
        return self._world.cipher.seal(text)


def _wanted(tool: Json) -> str | Json:
    """The id of a container that there is, or the settings of a new one."""
    if tool["type"] == "code_interpreter":
        return tool["container"]
    environment: Json = tool["environment"]
    return environment.get("container_id") or environment
