"""Reading files that hold documents: tables, web archives, packed folders; one document at a time.

A module here reads one kind. What is wrong with a record becomes a document with a problem, and reading goes on;
what ends a container early raises `Broken`, after the documents before it.
"""
