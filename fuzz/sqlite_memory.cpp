#include "fuzz/sqlite_memory.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include <sqlite3.h>

#include "fuzz/target.h"

#if defined(__SANITIZE_ADDRESS__)
#define GROK_HAS_ASAN 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define GROK_HAS_ASAN 1
#endif
#endif

#ifdef GROK_HAS_ASAN
#include <sanitizer/asan_interface.h>
#define GROK_UNCHECKED __attribute__((no_sanitize("address")))
#else
#define ASAN_POISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#define GROK_UNCHECKED
#endif

namespace grok::fuzz {
namespace {

// Stands before each piece, out of bounds for all but the functions here.
struct alignas(16) Head {
  Head* next;            // in the list of the freed
  std::uint32_t n;       // bytes that were asked for, a multiple of 8
  std::uint32_t n_room;  // bytes behind the head
};
static_assert(sizeof(Head) == 16);

struct Freed {
  Head* first = nullptr;
  Head* last = nullptr;
};

// Sizes by sixteens up to 1024, then powers of two. Longer pieces are the sanitizer's own.
constexpr std::size_t n_small = 64, longest = std::size_t{1} << 17, n_sizes = n_small + 7;
constexpr std::size_t slab_bytes = std::size_t{1} << 20;
std::array<Freed, n_sizes> freed;
unsigned char* slab = nullptr;
std::size_t slab_left = 0;

// At least a byte more than asked for, so that a piece never touches the next.
std::size_t room_for(std::size_t n) {
  const std::size_t sixteens = (n + 16) / 16 * 16;
  return sixteens <= 16 * n_small || sixteens > longest ? sixteens : std::bit_ceil(sixteens);
}

// Of n_room up to `longest`.
Freed& list_of(std::size_t n_room) {
  const auto n_bits = static_cast<std::size_t>(std::bit_width(n_room));
  return freed[n_room <= 16 * n_small ? n_room / 16 - 1 : n_small + n_bits - 12];
}

Head* head_of(void* piece) { return static_cast<Head*>(piece) - 1; }

Head* new_piece(std::size_t n_room) {
  const std::size_t n_bytes = sizeof(Head) + n_room;
  if (n_room > longest) return static_cast<Head*>(std::malloc(n_bytes));
  if (n_bytes > slab_left) {
    slab = static_cast<unsigned char*>(std::malloc(slab_bytes));
    must_hold(slab != nullptr, "there is room for a megabyte");
    slab_left = slab_bytes;
  }
  void* out = slab;
  slab += n_bytes;
  slab_left -= n_bytes;
  return static_cast<Head*>(out);
}

GROK_UNCHECKED Head* freed_piece(std::size_t n_room) {
  if (n_room > longest) return nullptr;
  Freed& list = list_of(n_room);
  Head* out = list.first;
  if (out) list.first = out->next;
  if (!list.first) list.last = nullptr;
  return out;
}

GROK_UNCHECKED void* give(int wanted) {
  const std::size_t n = (static_cast<std::size_t>(wanted) + 7) / 8 * 8, n_room = room_for(n);
  Head* head = freed_piece(n_room);
  if (!head) head = new_piece(n_room);
  if (!head) return nullptr;
  *head = {.next = nullptr,
           .n = static_cast<std::uint32_t>(n),
           .n_room = static_cast<std::uint32_t>(n_room)};
  ASAN_POISON_MEMORY_REGION(head, sizeof(Head) + n_room);
  ASAN_UNPOISON_MEMORY_REGION(head + 1, n);
  return head + 1;
}

GROK_UNCHECKED void take_back(void* piece) {
  if (!piece) return;
  Head* head = head_of(piece);
  const std::size_t n_room = head->n_room;
  if (n_room > longest) {
    ASAN_UNPOISON_MEMORY_REGION(head, sizeof(Head) + n_room);
    std::free(head);
    return;
  }
  ASAN_POISON_MEMORY_REGION(piece, n_room);
  Freed& list = list_of(n_room);
  (list.last ? list.last->next : list.first) = head;
  list.last = head;
}

GROK_UNCHECKED int size_of(void* piece) { return piece ? static_cast<int>(head_of(piece)->n) : 0; }

void* change(void* piece, int n) {
  void* out = give(n);
  if (!out) return nullptr;
  std::memcpy(out, piece, static_cast<std::size_t>(std::min(n, size_of(piece))));
  take_back(piece);
  return out;
}

int rounded_up(int n) { return (n + 7) / 8 * 8; }
int begin(void*) { return SQLITE_OK; }
void end(void*) {}

}  // namespace

void give_sqlite_cheap_memory() {
  sqlite3_mem_methods methods{give, take_back, change, size_of, rounded_up, begin, end, nullptr};
  sqlite3_config(SQLITE_CONFIG_MALLOC, &methods);
}

}  // namespace grok::fuzz
