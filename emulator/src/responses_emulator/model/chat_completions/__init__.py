"""A real model behind the emulator: any endpoint that speaks chat completions.

`endpoint` says where it is, `connections` speaks HTTP and `client` chat completions. On
the way there, `request` puts a turn into the body of one: `messages` is the
conversation, `offers` are the tools, all of them as functions. On the way back,
`deltas` makes steps of what comes, `writing` those of a call that is being written,
`offers` makes calls of it, `shapes` holds against an answer what it was to be, and
`citations` finds what it has from the tools. `chat_model` holds it together, and
`served` says which deployments it answers for.
"""
