# Thin on purpose: portal/bootstrap.py makes .venv, manage.py runall runs the house, python -m tests
# tests it. `make test ARGS="-k closing"` passes arguments on to pytest.
SHELL = /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3 || echo python3.11)
VENV = .venv/bin/python
SETUP = @$(PYTHON) -I portal/bootstrap.py
ARGS ?=
# What a careful site would set, so that --deploy judges the code and not this machine.
DEPLOYED = DEMO=0 HOST=127.0.0.1 DATA_DIR=.venv/deployed DATABASE_URL= SECRET_KEY_FILE= \
	BASE_URL=https://tocsin.example.org EMAIL_URL=smtp+tls://mail.example.org:587

.DEFAULT_GOAL = run
.PHONY: run test check bench screenshots lighthouse messages lock clean

run: export DEMO ?= 1
run:
	$(SETUP) requirements.lock
	@exec $(VENV) manage.py runall --with-parent

test:
	$(SETUP) requirements-dev.lock
	@exec $(VENV) -m tests $(ARGS)

check:
	$(SETUP) requirements-dev.lock
	$(VENV) -m ruff check .
	$(VENV) -m ruff format --check .
	$(VENV) -m mypy
	$(VENV) -m djhtml --check --tabwidth 2 portal/templates incidents/templates workflows/templates
	$(DEPLOYED) $(VENV) manage.py check --deploy --fail-level WARNING
	$(DEPLOYED) $(VENV) manage.py makemigrations --check --dry-run
	@exec $(VENV) -m tests $(ARGS)

bench:
	$(SETUP) requirements-dev.lock
	@exec $(VENV) -m tests.bench $(ARGS)

screenshots:
	$(SETUP) requirements-dev.lock
	@exec $(VENV) -m tests.screenshots $(ARGS)

lighthouse:
	$(SETUP) requirements-dev.lock
	@exec $(VENV) -m tests.lighthouse

messages:
	$(SETUP) requirements-dev.lock
	$(VENV) -m tests.catalogues update
	@exec $(VENV) -m tests.catalogues compile

lock:
	$(SETUP) requirements-dev.lock
	$(PYTHON) -m pip --python $(VENV) install --quiet --disable-pip-version-check uv
	$(VENV) -m uv pip compile --universal --generate-hashes --no-header --no-annotate -p 3.11 \
		pyproject.toml -o requirements.lock
	$(VENV) -m uv pip compile --universal --generate-hashes --no-header --no-annotate -p 3.11 \
		--group dev -c requirements.lock pyproject.toml -o requirements-dev.lock

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis screenshots
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
