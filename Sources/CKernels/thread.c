#include "narrate_thread.h"

narrate_thread *narrate_this_thread(void) {
  static _Thread_local narrate_thread state;
  return &state;
}
