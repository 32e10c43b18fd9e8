# Installs the files where a Debian user expects them. You may set PREFIX, DESTDIR and the folders.

BINDIR     ?= $(PREFIX)/bin
DATADIR    ?= $(PREFIX)/share/user-api
MANDIR     ?= $(PREFIX)/share/man
EXAMPLEDIR ?= $(PREFIX)/share/doc/user-api/examples
UNITDIR    ?= $(PREFIX)/lib/systemd/system
SYSUSERS   ?= $(PREFIX)/lib/sysusers.d/user-api.conf
BASHCOMPLETION ?= $(PREFIX)/share/bash-completion/completions/user-api-admin
ZSHCOMPLETION  ?= $(PREFIX)/share/zsh/vendor-completions/_user-api-admin

MANUALS     := docs/man/user-api.8 $(BUILD)/docs/man/user-api-admin.8 $(BUILD)/docs/man/user-api.conf.5
COMPLETIONS := $(BUILD)/completion/bash $(BUILD)/completion/zsh
MIGRATIONS  := $(wildcard migrations/*.sql)
UNITS       := $(wildcard deploy/systemd/user-api*.service deploy/systemd/user-api*.socket)
PAGES       := $(wildcard deploy/www/*.* deploy/www/docs/*.* deploy/www/console/*.*)
SNIPPETS    := $(wildcard deploy/errors/*.* deploy/errors/lighttpd/*.* deploy/pages/*.*)
EXAMPLES    := $(filter-out $(UNITS) $(SNIPPETS) $(PAGES) deploy/systemd/user-api.sysusers,$(shell find deploy -path deploy/debian -prune -o -type f -print | LC_ALL=C sort))

# Plain `make` builds these files, so that `sudo make install` leaves no file of root's in $(BUILD).
all: $(MANUALS) $(COMPLETIONS)

# Installs $(1) with mode $(2) as $(3). The files contain the paths of a Debian package; this replaces them by those of
# PREFIX.
define install_edited
install -D -m $(2) $(1) "$(DESTDIR)$(3)"
sed -i -e 's|/usr/bin/user-api|$(BINDIR)/user-api|g' -e 's|/usr/share/user-api|$(DATADIR)|g' "$(DESTDIR)$(3)"

endef

$(BUILD)/docs/man/%: docs/man/%.in scripts/man-page $(PROGRAMS)
	@mkdir -p $(@D)
	scripts/man-page $< $(BUILD) >$@

$(BUILD)/completion/%: $(BUILD)/user-api-admin
	@mkdir -p $(@D)
	$< completion $* >$@

.PHONY: install install-programs install-data install-manuals install-completions install-examples
install: install-programs install-data install-manuals install-completions install-examples ## install under PREFIX (/usr/local)

install-programs: $(PROGRAMS)
	install -d "$(DESTDIR)$(BINDIR)"
	install -m 0755 $(PROGRAMS) "$(DESTDIR)$(BINDIR)"

install-data:
	install -d "$(DESTDIR)$(DATADIR)/migrations"
	install -m 0644 $(MIGRATIONS) "$(DESTDIR)$(DATADIR)/migrations"
	install -d "$(DESTDIR)$(DATADIR)/www/docs" "$(DESTDIR)$(DATADIR)/www/console"
	$(foreach file,$(PAGES),install -m 0644 $(file) "$(DESTDIR)$(DATADIR)/$(file:deploy/%=%)" &&) true
	$(foreach file,$(SNIPPETS),$(call install_edited,$(file),0644,$(DATADIR)/$(file:deploy/%=%)))
	$(foreach file,$(UNITS),$(call install_edited,$(file),0644,$(UNITDIR)/$(notdir $(file))))
	install -D -m 0644 deploy/systemd/user-api.sysusers "$(DESTDIR)$(SYSUSERS)"

install-manuals: $(MANUALS)
	$(foreach file,$(MANUALS),install -D -m 0644 $(file) "$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(file)))/$(notdir $(file))" &&) true

install-completions: $(COMPLETIONS)
	install -D -m 0644 $(BUILD)/completion/bash "$(DESTDIR)$(BASHCOMPLETION)"
	install -D -m 0644 $(BUILD)/completion/zsh "$(DESTDIR)$(ZSHCOMPLETION)"

install-examples:
	$(foreach file,$(EXAMPLES),$(call install_edited,$(file),$(if $(shell test -x $(file) && echo yes),0755,0644),$(EXAMPLEDIR)/$(file:deploy/%=%)))

# Removes only files that `make install` installed, and then the empty folders.
.PHONY: uninstall uninstall-files
uninstall: uninstall-files ## remove the files that `make install` installed

uninstall-files:
	rm -f $(PROGRAMS:$(BUILD)/%="$(DESTDIR)$(BINDIR)/%") \
	  $(MIGRATIONS:%="$(DESTDIR)$(DATADIR)/%") $(SNIPPETS:deploy/%="$(DESTDIR)$(DATADIR)/%") \
	  $(PAGES:deploy/%="$(DESTDIR)$(DATADIR)/%") \
	  $(foreach file,$(UNITS),"$(DESTDIR)$(UNITDIR)/$(notdir $(file))") \
	  $(foreach file,$(MANUALS),"$(DESTDIR)$(MANDIR)/man$(subst .,,$(suffix $(file)))/$(notdir $(file))") \
	  $(EXAMPLES:deploy/%="$(DESTDIR)$(EXAMPLEDIR)/%") "$(DESTDIR)$(SYSUSERS)" \
	  "$(DESTDIR)$(BASHCOMPLETION)" "$(DESTDIR)$(ZSHCOMPLETION)"
	for folder in "$(DESTDIR)$(DATADIR)" "$(DESTDIR)$(EXAMPLEDIR)"; do \
	  ! test -d "$$folder" || find "$$folder" -depth -type d -empty -delete; \
	done
	rmdir "$(DESTDIR)$(PREFIX)/share/doc/user-api" 2>/dev/null || true
