"""What is published about the service, and what holds traffic against it.

From outside, three names of its modules are of use:

- `check.checker(name)`: all that a contract forbids of an exchange;
- `lacking.LACKING`: the table of what a contract lacks, row by row;
- `distil.recorded()`: exchanges recorded on a live Azure resource.

README.md says where the files come from and how they are renewed.
"""
