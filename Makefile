# One word for each chore; silence is a pass.
UV = .venv/bin/uv
RUN = $(UV) run --inexact

.PHONY: setup check lint test demo bench

setup: $(UV)
	$(UV) sync --inexact --quiet

$(UV):
	python3 -m venv .venv
	.venv/bin/pip install --quiet uv

check: lint test

lint: $(UV)
	$(RUN) ruff format --quiet --check
	$(RUN) ruff check --quiet
	$(RUN) mypy --no-error-summary

test: $(UV)
	$(RUN) pytest

demo: $(UV)
	$(RUN) headturn demo

bench: $(UV)
	$(RUN) python -m benchmarks
