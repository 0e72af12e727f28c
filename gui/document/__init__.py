"""The job file behind the form.

    form ── changed ──> Document (file, name, modified) ──> .pool file
      ^                 History  (undo, redo)
      └── set_job ───── LastValues (what the function was last run with), PresetShelf (jobs by name)

`copying` puts the job on the clipboard as code, and `manage` is the dialog for presets.
"""
