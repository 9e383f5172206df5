# A thin face for tools/do.py, which does the work and also runs where there is no make.
PYTHON ?= python3
ARGS ?=
VERBS := lab lab-check test test-slow test-core test-contract gallery docs bench-audio bench-collect bench-resolve bench-imports bench-fraud bench-payouts bench-mix bench-impact bench-forecast lint types format setup lock clean

.DEFAULT_GOAL := help
.PHONY: help $(VERBS)

help:
	@"$(PYTHON)" tools/do.py help

$(VERBS):
	@"$(PYTHON)" tools/do.py $@ -- $(ARGS)
