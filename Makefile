# Aliases for those whose fingers type make; everything is done by ./run.
UV_COMPILE = .venv/bin/uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-annotate --no-header --python-version 3.11

.PHONY: run test full lint lock help
run: ## set up what is missing and start the service
	./run
test: ## set up and test
	./run test
full: ## the tests with the long trials
	./run test --full
lint: ## ruff, mypy, import-linter
	./run lint
lock: ## pin all dependencies anew
	$(UV_COMPILE) pyproject.toml -o requirements.lock --upgrade
	$(UV_COMPILE) pyproject.toml --extra test -c requirements.lock -o requirements-test.lock --upgrade
	echo uv | $(UV_COMPILE) - -o requirements-setup.lock --upgrade
help: ## this list
	@grep -E '^[a-z]+:.*##' Makefile | sed 's/:.*##/\t/'
