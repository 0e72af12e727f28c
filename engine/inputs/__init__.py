"""Inputs before a run: the first rows and the number of inputs (`preview`), the calls that they make
(`written`), and cells pasted from a spreadsheet (`cells`).
"""
