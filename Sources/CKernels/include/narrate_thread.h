// What is known of a thread: Swift has no variables of a thread's own.
#pragma once

typedef struct {
  int team;     // threads that it computes with; 0 while it does not compute
  int bfloat;   // whether its products are computed in bfloat16
  int workers;  // threads of its OpenMP team that are known to block signals
} narrate_thread;

// The calling thread's, zero at first.
narrate_thread *_Nonnull narrate_this_thread(void);
