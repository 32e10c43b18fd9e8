# libuserapi as it is installed: what include/user_api.h declares, and no other symbol.

LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man

# Raised with every change that a program built before would notice; see CHANGELOG.md.
SONAME := libuserapi.so.0

UA_CFLAGS += -fvisibility=hidden

LIBRARY        := $(BUILD)/library
LIBRARY_ROOTS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/embed/*.c))
LIBRARY_SHARED := $(LIBRARY)/libuserapi.so.$(VERSION)
LIBRARY_STATIC := $(LIBRARY)/libuserapi.a

all: library

.PHONY: library
library: $(LIBRARY_SHARED) $(LIBRARY_STATIC)

# Code, also where -flto compiles to something else: gcc has to be told.
PARTIAL := -r -nostdlib $(if $(findstring clang,$(CC)),,-flinker-output=nolto-rel)

# Of the archive that the programs are made of, what the public functions need; everything else is local, so
# that no name of ours meets one of the program's.
$(LIBRARY)/userapi.o: $(LIBRARY_ROOTS) $(BUILD)/libuserapi.a
	@mkdir -p $(@D)
	$(CC) $(OPTIMISE) $(HARDENING) $(CFLAGS) $(PARTIAL) -o $@ $^
	objcopy --wildcard --keep-global-symbol='user_api_*' $@

$(LIBRARY_SHARED): $(LIBRARY)/userapi.o
	$(LINK) -shared -Wl,-soname,$(SONAME) -Wl,-z,defs -o $@ $^ $(LIBS)
	ln -sf $(@F) $(@D)/$(SONAME)
	ln -sf $(SONAME) $(@D)/libuserapi.so

$(LIBRARY_STATIC): $(LIBRARY)/userapi.o
	@rm -f $@
	ar rcs $@ $^

define PKG_CONFIG
prefix=$(PREFIX)
libdir=$(LIBDIR)
includedir=$(INCLUDEDIR)

Name: user-api
Description: Users, roles, customers and sessions for FastCGI programs
Version: $(VERSION)
Libs: -L$${libdir} -luserapi
Libs.private: $(LIBS)
Cflags: -I$${includedir}
endef
export PKG_CONFIG

install: install-library
.PHONY: install-library
install-library: library
	install -d "$(DESTDIR)$(LIBDIR)/pkgconfig" "$(DESTDIR)$(INCLUDEDIR)" "$(DESTDIR)$(MANDIR)/man3"
	install -m 0755 $(LIBRARY_SHARED) "$(DESTDIR)$(LIBDIR)"
	ln -sf $(notdir $(LIBRARY_SHARED)) "$(DESTDIR)$(LIBDIR)/$(SONAME)"
	ln -sf $(SONAME) "$(DESTDIR)$(LIBDIR)/libuserapi.so"
	install -m 0644 $(LIBRARY_STATIC) "$(DESTDIR)$(LIBDIR)"
	install -m 0644 include/user_api.h "$(DESTDIR)$(INCLUDEDIR)"
	install -m 0644 docs/man/libuserapi.3 "$(DESTDIR)$(MANDIR)/man3"
	printf '%s\n' "$$PKG_CONFIG" > "$(DESTDIR)$(LIBDIR)/pkgconfig/user-api.pc"

uninstall: uninstall-library
.PHONY: uninstall-library
uninstall-library:
	rm -f "$(DESTDIR)$(LIBDIR)"/libuserapi.so* "$(DESTDIR)$(LIBDIR)/libuserapi.a"
	rm -f "$(DESTDIR)$(LIBDIR)/pkgconfig/user-api.pc" "$(DESTDIR)$(INCLUDEDIR)/user_api.h"
	rm -f "$(DESTDIR)$(MANDIR)/man3/libuserapi.3"
