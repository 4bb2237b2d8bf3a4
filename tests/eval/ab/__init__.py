# SPDX-License-Identifier: GPL-2.0-or-later
"""Evaluates P2S with a call of two browsers: runs, figures, report."""
