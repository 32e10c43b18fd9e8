# Builds the OpenAPI document into the library.

$(BUILD)/openapi/source.c: src/api/openapi.json scripts/embed-openapi
	@mkdir -p $(@D)
	./scripts/embed-openapi $< > $@.new
	@mv $@.new $@

$(BUILD)/openapi/source.o: $(BUILD)/openapi/source.c | libraries
	$(COMPILE) -MMD -MP -c -o $@ $<

$(BUILD)/libuserapi.a: $(BUILD)/openapi/source.o
