# Builds libuserapi, which exports only the symbols that include/user_api.h declares.

LIBDIR     ?= $(PREFIX)/lib
INCLUDEDIR ?= $(PREFIX)/include
MANDIR     ?= $(PREFIX)/share/man

# Raise this with every change that breaks programs built before; see CHANGELOG.md.
SONAME := libuserapi.so.0

UA_CFLAGS += -fvisibility=hidden

LIBRARY        := $(BUILD)/library
LIBRARY_ROOTS  := $(patsubst %.c,$(BUILD)/%.o,$(wildcard src/embed/*.c))
LIBRARY_SHARED := $(LIBRARY)/libuserapi.so.$(VERSION)
LIBRARY_STATIC := $(LIBRARY)/libuserapi.a

all: library

.PHONY: library
library: $(LIBRARY_SHARED) $(LIBRARY_STATIC)

# With -flto, objects contain no machine code. This option makes gcc write machine code.
PARTIAL := -r -nostdlib $(if $(findstring clang,$(CC)),,-flinker-output=nolto-rel)

# Links the public functions with what they need from the archive of the programs. All other symbols become local, so they
# cannot conflict with symbols of the program that uses the library.
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
