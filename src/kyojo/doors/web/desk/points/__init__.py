"""ポイントとスタンプ at the desk: activities, applications, rules and their trial, the year's end.

One module a page's work; ``shared`` finds the programme that an address names.
"""
