"""The InfoHub: a tree of governance YAML becomes rows of files and documents, safely and only where it changed.

Exports of other systems are the business of the package above. Importing this package imports none of its modules, because
the processes that read files in parallel start with the few they need.
"""
