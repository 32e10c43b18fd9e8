/* Whether this build has AddressSanitizer: UA_ADDRESS_SANITIZER is defined then. */
#ifndef UA_BASE_SANITIZER_H
#define UA_BASE_SANITIZER_H

#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define UA_ADDRESS_SANITIZER
#endif
#elif defined(__SANITIZE_ADDRESS__)
#define UA_ADDRESS_SANITIZER
#endif

#endif
