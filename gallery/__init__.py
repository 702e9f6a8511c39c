"""The gallery: a page for each sample, made from the files by `make gallery`."""
