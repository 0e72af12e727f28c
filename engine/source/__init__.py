"""Reads multiprocessing scripts as jobs, by their syntax tree alone; `code` writes a job as such a script.

    tree ── names ──> pools ──> line ──> harmless ──> kept ──> certain ──> handed, settings ──> a job
                      the one   what     may that     do all   what        function, inputs,
                      call      main     matter to    tasks    names       mode, set-up, log
                                does     the tasks?   end?     stand for
                                before

`script` combines all of it. Whatever is not certain raises `NotCertain` with the code at fault, and the
script is run as it is. Besides, `found` says what else a script has, `arguments` what its command line takes,
`kinds` what values a parameter takes, `unguarded` what each worker would run again. Nothing is run.
"""
