"""The text of files, one module a kind, and the passages that it is cut into.

`documents` chooses among the readers.

Those for PDF, Word and PowerPoint are imported in a worker process alone: a file can be
made so that its reader never ends, takes all the memory there is, or crashes.
"""
