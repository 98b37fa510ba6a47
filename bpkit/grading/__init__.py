"""Grades notebooks: reads them, runs them in a sandbox, judges what came back, keeps a journal, writes reports.

Imports run this way: records ← notebooks, collect, sandbox, allowed ← grade ← journal ← reports ← the commands.
"""
