"""A real model behind the emulator: any endpoint that speaks chat completions.

`endpoint` says where it is, `client` speaks HTTP. On the way there, `request` puts a
turn into the body of one: `messages` is the conversation, `offers` are the tools, all
of them as functions. On the way back, `deltas` makes steps of what comes, `offers`
makes calls of it, and `citations` finds what an answer has from the tools. `chat_model`
holds it together, and `served` says which deployments it answers for.
"""
