"""Inputs before they are run: their first rows and how many there are (`preview`), the calls that they make
(`written`), and cells pasted from a spreadsheet (`cells`).
"""
