"""The gallery: a page for each sample, made from the files by `make gallery`.

`runs` runs the samples on an emulator. `listing` is their code line by line, `reading`
is what it sets and reads, `wire` and `marked` are what was sent and got, and `pages` is
what all of it comes to. `templates`, `style.css` and `gallery.js` are how that looks.
"""
