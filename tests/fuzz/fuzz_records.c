/* The input has two parts: the sizes of the pieces, and the bytes that a peer sends. */
#include "records.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
  pieces cut = take_pieces(&data, &size);
  read_in_three_ways(data, size, cut);
  return 0;
}
