"""Reads multiprocessing scripts as jobs, by their syntax tree alone; `code` writes a job as such a script.

    text ─ engine/syntax ─> tree ──> flow ──> library ──> fields ──> a job, with notes on what is not certain
                                      │
                  expressions, loops, scopes, values: what names stand for, as far as the text shows

`script` combines all of it, `kinds` finds what values a parameter takes, and `unguarded` what each worker
would run again. Nothing is imported or run.
"""
