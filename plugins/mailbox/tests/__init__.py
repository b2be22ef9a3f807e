"""Tests of the mailbox plugin, against real mail servers."""
