"""Fuzzing what reads and writes mail: `python -m tests.fuzz --minutes 10`, or `make fuzz`.

Mails are bent at random (`mutating`), given to the verbs of `app.mime` and to what stands on it (`targets`), each with a time
limit (`watching`); what raises, breaks a promise or takes too long is made small and kept (`findings`).
"""
