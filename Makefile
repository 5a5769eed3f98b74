# make demo | demo-reset | test | mutants | chaos | check | messages | lock | bench-case-search | bench-case-list | bench-fan-out    with PORT=8001, PYTHON=python3.12, ARGS="-k name" if wanted
.DELETE_ON_ERROR:
.PHONY: demo demo-reset test mutants chaos check messages lock bench-case-search bench-case-list bench-fan-out
PYTHON ?= python3
BIN := .venv/bin
READY := .venv/ready-$(firstword $(shell cksum requirements.lock))
CATALOGS := $(patsubst %.po,%.mo,$(wildcard locale/*/LC_MESSAGES/*.po))

demo: $(READY) $(CATALOGS)
	@exec $(BIN)/python -m config.demo
demo-reset: $(READY)
	@exec $(BIN)/python -m config.demo reset
test: $(READY) $(CATALOGS)
	@exec $(BIN)/python -m config.embedded run --purpose test -- $(BIN)/python -m pytest -n auto --dist loadgroup $(ARGS)
mutants: $(READY) $(CATALOGS)
	@exec $(BIN)/python -m config.embedded run --purpose test -- $(BIN)/python -m pytest -n 0 -q --capture=sys -p tests.mutants.plugin $(ARGS)
chaos: $(READY) $(CATALOGS)
	@exec $(BIN)/python -m tests.reliability.chaos.run --seeds $(or $(SEEDS),1) --first $(or $(FIRST),0) --recipients $(or $(RECIPIENTS),2000) --relay $(or $(RELAY),on)
check: $(READY) $(CATALOGS)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/lint-imports
	$(BIN)/mypy agencies cases alerts config
	$(BIN)/python -m config.embedded run --purpose check -- $(BIN)/python manage.py makemigrations --check
	$(BIN)/python -m config.embedded run --purpose check -- $(BIN)/python manage.py check --deploy --fail-level WARNING --settings config.settings.prod
	@! command -v msgfmt >/dev/null || for po in locale/*/LC_MESSAGES/*.po; do msgfmt --check --output-file=/dev/null "$$po" || exit 1; done
messages: $(READY)
	$(BIN)/python manage.py makemessages --locale es --locale fr --no-wrap --add-location file --ignore .venv --ignore build
bench-case-search: $(READY)
	$(BIN)/python -m config.embedded run --purpose test -- $(BIN)/python -m benchmarks.case_search --cases $(or $(CASES),1000000) $(ARGS)
bench-case-list: $(READY)
	$(BIN)/python -m config.embedded run --purpose test -- $(BIN)/python -m benchmarks.case_list --cases $(or $(CASES),1000000) $(ARGS)
bench-fan-out: $(READY) $(CATALOGS)
	$(BIN)/python -m config.embedded run --purpose test -- $(BIN)/python -m benchmarks.fan_out --messages $(or $(MESSAGES),10000) $(ARGS)
lock:
	uv pip compile pyproject.toml --group dev --universal --python-version 3.11 --generate-hashes --no-config --no-emit-index-url --no-annotate --no-header --quiet $(ARGS) --output-file requirements.lock

$(READY):
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "AMBER Bridge needs Python 3.11 or newer: make PYTHON=python3.12" >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' || { echo "This Python comes without venv (on Debian: the package python3-venv)" >&2; exit 1; }
	@echo "Installing the libraries of requirements.lock into .venv (once)"
	@$(PYTHON) -m venv --clear .venv
	@$(BIN)/python -m pip install --disable-pip-version-check --no-input --require-hashes -r requirements.lock
	@touch $@
%.mo: %.po | $(READY)
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@ --locale $(word 2,$(subst /, ,$<))
