# User API. `make help` lists the targets.

VERSION := $(shell cat VERSION)
BUILD   ?= build
ifeq ($(origin CC),default)
CC      := gcc
endif
PREFIX  ?= /usr/local
DESTDIR ?=

PACKAGES := libpq json-c libjwt libcrypt libcrypto
WARNINGS := -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wstrict-prototypes -Wmissing-prototypes \
            -Wvla -Wformat=2 -Wundef -Wpointer-arith -Wwrite-strings
OPTIMISE ?= -O2 -g
CPPFLAGS ?=
CFLAGS   ?=
# A second definition would cause a warning in each file.
FORTIFY  := $(if $(findstring _FORTIFY_SOURCE,$(CPPFLAGS) $(CFLAGS)),,-D_FORTIFY_SOURCE=2)
HARDENING := $(FORTIFY) -fstack-protector-strong -fPIC
UA_CFLAGS := -std=c11 -D_GNU_SOURCE -DUA_VERSION='"$(VERSION)"' -Isrc -Iinclude $(WARNINGS) \
            $(shell pkg-config --cflags $(PACKAGES) 2>/dev/null)
LDFLAGS  ?=
UA_LDFLAGS := -Wl,-z,relro,-z,now
LIBS     := $(shell pkg-config --libs $(PACKAGES) 2>/dev/null) -lfcgi -lpasswdqc -lunistring -pthread

ifdef WERROR
UA_CFLAGS += -Werror
endif
ifdef SANITIZE
OPTIMISE := -O1 -g -fno-omit-frame-pointer
HARDENING := -fPIC -fsanitize=address,undefined -fno-sanitize-recover=all
UA_LDFLAGS += -fsanitize=address,undefined
endif
ifdef FUZZ
HARDENING += -fsanitize=fuzzer-no-link
endif

COMPILE = $(CC) $(UA_CFLAGS) $(OPTIMISE) $(HARDENING) $(CPPFLAGS) $(CFLAGS)
LINK    = $(CC) $(OPTIMISE) $(HARDENING) $(CFLAGS) $(UA_LDFLAGS) $(LDFLAGS)

MAINS    := src/user-api.c src/user-api-admin.c
SOURCES  := $(filter-out $(MAINS),$(wildcard src/*/*.c))
OBJECTS  := $(SOURCES:%.c=$(BUILD)/%.o)
PROGRAMS := $(BUILD)/user-api $(BUILD)/user-api-admin
UNIT     := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/unit/test_*.c))
TOOLS    := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/tools/*.c))
FUZZERS  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/fuzz/fuzz_*.c))
BENCHES  := $(patsubst %.c,$(BUILD)/%,$(wildcard tests/bench/*.c))

# Arguments of `make run`, `make test` and others; seconds that each fuzz target runs.
ARGS         ?=
FUZZ_SECONDS ?= 10

.PHONY: all
all: $(PROGRAMS) ## build the programs into build/

include migrations/embed.mk
include sql.mk
include src/api/openapi.mk
include library.mk

$(BUILD)/libuserapi.a: $(OBJECTS)
	@rm -f $@
	ar rcs $@ $^

# Stops with an error if pkg-config does not find a library, or finds libjwt 3, whose functions differ from those of
# libjwt 1. Debian 12 and 13 have libjwt 1.
.PHONY: libraries
libraries:
	@pkg-config --print-errors --exists $(PACKAGES) || \
	  { echo 'error: install the packages that scripts/packages/build.txt lists' >&2; exit 1; }
	@pkg-config --exists 'libjwt >= 1.10' 'libjwt < 2' || \
	  { echo "error: libjwt $$(pkg-config --modversion libjwt) does not fit: install libjwt 1.10 to 1.17" >&2; exit 1; }

$(BUILD)/%.o: %.c | libraries
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

$(PROGRAMS): $(BUILD)/%: $(BUILD)/src/%.o $(BUILD)/libuserapi.a
	$(LINK) -o $@ $^ $(LIBS)

$(UNIT): %: %.o $(BUILD)/libuserapi.a
	$(LINK) -o $@ $^ $(LIBS) -lcmocka

$(TOOLS): %: %.o $(BUILD)/libuserapi.a
	$(LINK) -o $@ $^ $(LIBS)

$(FUZZERS): %: %.o $(BUILD)/libuserapi.a
	$(LINK) -fsanitize=fuzzer -o $@ $^ $(LIBS)

$(BENCHES): %: %.o
	$(LINK) -o $@ $^ $(LIBS)

.PHONY: run
run: ## run the whole API: ARGS="--port N --state DIR --workers N"
	@./scripts/run $(ARGS)

.PHONY: deb
deb: ## build the Debian packages of this release into build/deb/
	@./scripts/deb

.PHONY: test
test: ## install packages, run all tests, also sanitized: ARGS="--fast"
	@./scripts/test $(ARGS)

.PHONY: test-asan
test-asan: ## run the tests only under the sanitizers (address, undefined)
	@./scripts/test --sanitizers-only $(ARGS)

.PHONY: unit
unit: $(UNIT) ## build the unit tests and run them
	@for program in $(UNIT); do $$program || exit 1; done

.PHONY: e2e
e2e: all $(TOOLS) ## run the end-to-end tests: ARGS="-n 6 --dist loadfile -k login"
	USER_API_BINARY=$(BUILD)/user-api USER_API_ADMIN_BINARY=$(BUILD)/user-api-admin \
	  /usr/bin/python3 -m pytest tests/e2e $(ARGS)

.PHONY: check-programs
check-programs: all $(UNIT) $(TOOLS)

.PHONY: lint
lint: ## check format, static analysis, shell scripts, headers, own rules
	@./scripts/lint

.PHONY: format
format: ## format the C files with clang-format
	clang-format-19 -i $(wildcard src/*.[ch] src/*/*.[ch] include/*.h tests/*/*.[ch])

.PHONY: mutants
mutants: ## apply each patch that breaks the code; tests must fail: ARGS="NAME ..."
	@./scripts/mutants $(ARGS)

.PHONY: fuzz fuzz-run
fuzz: ## run each fuzz target for FUZZ_SECONDS (10)
	@$(MAKE) --no-print-directory BUILD=$(BUILD)-fuzz CC=clang SANITIZE=1 FUZZ=1 fuzz-run

fuzz-run: $(FUZZERS)
	@./scripts/fuzz $(FUZZ_SECONDS) $(FUZZERS)

.PHONY: bench
bench: all $(BENCHES) ## measure rates next to trivial responders: ARGS=guard (see scripts/bench)
	@./scripts/bench $(BUILD) $(ARGS)

include install.mk

.PHONY: clean
clean: ## remove the build folder
	rm -rf $(BUILD)

.PHONY: help
help: ## this list
	@grep -hE '^[a-z0-9 -]+:.*## ' $(filter Makefile %install.mk,$(MAKEFILE_LIST)) | sed 's/:.*## /\t/' | sort | expand -t 14

-include $(shell find $(BUILD) -name '*.d' 2>/dev/null)
.SECONDARY:
