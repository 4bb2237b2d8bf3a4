# SPDX-License-Identifier: GPL-2.0-or-later
"""The lab: a narrow line, a call and load across it, and what became of the call."""
