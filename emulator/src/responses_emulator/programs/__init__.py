"""What programs run in: the interpreter, the hosted shell, and the files they see."""
