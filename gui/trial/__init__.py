"""Tries a job on its first input.

    Trials ──> TrialThread: engine.trial, off the GUI thread ──> TrialPage: the outcome

Only one trial runs at a time, and nothing of it is saved.
"""
