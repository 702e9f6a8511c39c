"""A local stand-in for the Responses API of Azure OpenAI.

What Azurite is to Azure Storage: the unmodified SDK talks to it over HTTP, in both URL
layouts, and finds its conversations, files and vector stores again. No model runs here:
answers are made up by rules, and the same question gets the same answer, or they come
from a model elsewhere. Everything is in memory and gone when the process ends. What is
not supported is refused by name.

The core is `core.Emulator`; `adapters` carry it. Nothing is imported
here, so that `responses-emulator run` can start the script before the server.
"""
