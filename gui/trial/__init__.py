"""A job tried on its first input.

    Trials ──> TrialThread: engine.trial, off the GUI thread ──> TrialPage: what it showed

At most one trial goes on at a time, and nothing of it is kept.
"""
