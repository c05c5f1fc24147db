#define _GNU_SOURCE
#include "CSandbox.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define FUNCTIONS(X) \
  X(seccomp_attr_set) \
  X(seccomp_init) \
  X(seccomp_load) \
  X(seccomp_release) \
  X(seccomp_rule_add_array) \
  X(seccomp_syscall_resolve_name)

typedef struct {
#define DECLARE(function) __typeof__(function) *function;
  FUNCTIONS(DECLARE)
} library;

static const char *load(library *functions) {
  void *handle = dlopen("libseccomp.so.2", RTLD_NOW | RTLD_LOCAL);
  if (!handle) return dlerror();
#define RESOLVE(function) \
  functions->function = (__typeof__(function) *)dlsym(handle, #function); \
  if (!functions->function) return "libseccomp lacks " #function;
  FUNCTIONS(RESOLVE)
  return NULL;
}

// Names that an architecture or a kernel does not know are passed over.
static const char *const always[] = {
    // Memory.
    "brk", "mremap", "munmap",
    // Threads and what waits.
    "clock_gettime", "clock_getres", "clock_nanosleep", "exit", "exit_group", "futex", "getpid", "gettid",
    "gettimeofday", "nanosleep", "restart_syscall", "rseq", "rt_sigaction", "rt_sigprocmask", "rt_sigreturn",
    "sched_getaffinity", "sched_yield", "set_robust_list", "set_tid_address", "sigaltstack", "time",
    // Descriptors that are open.
    "close", "dup", "fstat", "lseek", "poll", "ppoll", "pread64", "preadv", "read", "readv", "recvmsg", "sendmsg",
    "write", "writev",
    // What calculates asks for these.
    "getrandom", "sysinfo",
};

typedef struct {
  const char *name;
  int count;
  struct scmp_arg_cmp tests[2];
} condition;

static int rule(const library *seccomp, scmp_filter_ctx filter, uint32_t action, const char *name, int tests,
                const struct scmp_arg_cmp *test) {
  int number = seccomp->seccomp_syscall_resolve_name(name);
  if (number < 0) return 0;
  return seccomp->seccomp_rule_add_array(filter, action, number, (unsigned)tests, test);
}

static int fill(const library *seccomp, scmp_filter_ctx filter) {
  for (size_t i = 0; i < sizeof always / sizeof *always; i++) {
    int status = rule(seccomp, filter, SCMP_ACT_ALLOW, always[i], 0, NULL);
    if (status) return status;
  }
  const unsigned long threads = CLONE_VM | CLONE_THREAD | CLONE_SIGHAND;
  const condition conditions[] = {
      // No memory becomes a program, nor is there any that its limit does not count.
      {"mmap", 2,
       {SCMP_CMP(2, SCMP_CMP_MASKED_EQ, PROT_EXEC, 0),
        SCMP_CMP(3, SCMP_CMP_MASKED_EQ, MAP_SHARED | MAP_GROWSDOWN, 0)}},
      {"mprotect", 1, {SCMP_CMP(2, SCMP_CMP_MASKED_EQ, PROT_EXEC | PROT_GROWSDOWN, 0)}},
      // Without what root may do to pages of memory.
      {"madvise", 1, {SCMP_CMP(2, SCMP_CMP_LT, 100)}},
      // Threads, but no processes.
      {"clone", 1, {SCMP_CMP(0, SCMP_CMP_MASKED_EQ, threads, threads)}},
      // What is open, but no path that is not empty: the kernel looks at it all the same, and tells sizes and times at most.
      {"newfstatat", 1, {SCMP_CMP(3, SCMP_CMP_MASKED_EQ, AT_EMPTY_PATH, AT_EMPTY_PATH)}},
      {"fcntl", 1, {SCMP_CMP(1, SCMP_CMP_EQ, F_DUPFD_CLOEXEC)}},
      {"fcntl", 1, {SCMP_CMP(1, SCMP_CMP_EQ, F_GETFL)}},
      {"fcntl", 1, {SCMP_CMP(1, SCMP_CMP_EQ, F_GETFD)}},
      // To end itself, as abort does.
      {"tgkill", 1, {SCMP_CMP(0, SCMP_CMP_EQ, (scmp_datum_t)getpid())}},
      {"prctl", 1, {SCMP_CMP(0, SCMP_CMP_EQ, PR_SET_NAME)}},
  };
  for (size_t i = 0; i < sizeof conditions / sizeof *conditions; i++) {
    int status =
        rule(seccomp, filter, SCMP_ACT_ALLOW, conditions[i].name, conditions[i].count, conditions[i].tests);
    if (status) return status;
  }
  // Its flags are in memory, where no filter sees them; libraries fall back on clone.
  return rule(seccomp, filter, SCMP_ACT_ERRNO(ENOSYS), "clone3", 0, NULL);
}

// Whether what must fail does.
static bool is_confined(void) {
  int file = open("/", O_RDONLY | O_CLOEXEC);
  if (file >= 0) close(file);
  int network = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (network >= 0) close(network);
  void *program = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return file < 0 && network < 0 && program == MAP_FAILED && kill(getppid(), 0) != 0;
}

const char *narrate_confine(void) {
  library seccomp;
  const char *missing = load(&seccomp);
  if (missing) return missing;
  // Nobody looks into this process, and it leaves no image of itself.
  prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
  scmp_filter_ctx filter = seccomp.seccomp_init(SCMP_ACT_ERRNO(EPERM));
  if (!filter) return "no memory for the filter";
  // Threads that a library may have started are confined, too.
  int status = seccomp.seccomp_attr_set(filter, SCMP_FLTATR_CTL_TSYNC, 1);
  if (!status) status = fill(&seccomp, filter);
  // Also sees to it that no program could gain rights.
  if (!status) status = seccomp.seccomp_load(filter);
  seccomp.seccomp_release(filter);
  if (status) return strerror(-status);
  return is_confined() ? NULL : "the system does not keep what it was told";
}

// What the loader and the libraries look at.
static const char *const kept[] = {"LD_LIBRARY_PATH", "LIBHEIF_PLUGIN_PATH", "LC_ALL", "LANG"};

int narrate_start(const char *program, const char *first, const char *second, const char *third, int socket, int memory,
                  pid_t *process) {
  // A crash is told by the process that started it; nothing else is started for that.
  char *environment[sizeof kept / sizeof *kept + 2] = {"SWIFT_BACKTRACE=enable=no"};
  size_t count = 1;
  int status = 0;
  for (size_t i = 0; i < sizeof kept / sizeof *kept; i++) {
    const char *value = getenv(kept[i]);
    if (value && asprintf(&environment[count], "%s=%s", kept[i], value) >= 0) count++;
  }
  // Out of the way of what they become.
  int upper_socket = fcntl(socket, F_DUPFD_CLOEXEC, 10), upper_memory = fcntl(memory, F_DUPFD_CLOEXEC, 10);
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  if (upper_socket < 0 || upper_memory < 0) status = errno;
  for (int stream = 0; !status && stream < 3; stream++)
    status = posix_spawn_file_actions_addopen(&actions, stream, "/dev/null", O_RDWR, 0);
  if (!status) status = posix_spawn_file_actions_adddup2(&actions, upper_socket, 3);
  if (!status) status = posix_spawn_file_actions_adddup2(&actions, upper_memory, 4);
  if (!status) status = posix_spawn_file_actions_addclosefrom_np(&actions, 5);
  if (!status) {
    char *arguments[] = {"narrate", (char *)first, (char *)second, (char *)third, NULL};
    status = posix_spawn(process, program, &actions, NULL, arguments, environment);
  }
  posix_spawn_file_actions_destroy(&actions);
  if (upper_socket >= 0) close(upper_socket);
  if (upper_memory >= 0) close(upper_memory);
  while (count > 1) free(environment[--count]);
  return status;
}

int narrate_shared_memory(size_t size) {
  int file = memfd_create("narrate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (file < 0) return -1;
  if (ftruncate(file, (off_t)size) || fcntl(file, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL)) {
    int reason = errno;
    close(file);
    errno = reason;
    return -1;
  }
  return file;
}

void narrate_empty(int memory, size_t size) {
  fallocate(memory, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, (off_t)size);
}

int narrate_socket_pair(int *one, int *other) {
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return errno;
  *one = pair[0];
  *other = pair[1];
  return 0;
}

typedef union {
  struct cmsghdr header;
  char bytes[CMSG_SPACE(sizeof(int))];
} control;

ssize_t narrate_send(int socket, const void *bytes, size_t count, int descriptor) {
  struct iovec part = {.iov_base = (void *)bytes, .iov_len = count};
  control control = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  if (descriptor >= 0) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof descriptor);
    memcpy(CMSG_DATA(header), &descriptor, sizeof descriptor);
  }
  ssize_t sent;
  // Each message is answered before the next is sent: there is room, unless the other side plays tricks.
  do sent = sendmsg(socket, &message, MSG_NOSIGNAL | MSG_DONTWAIT);
  while (sent < 0 && errno == EINTR);
  return sent;
}

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * (int64_t)1000 + time.tv_nsec / 1000000;
}

ssize_t narrate_receive(int socket, void *bytes, size_t count, int milliseconds, int *descriptor) {
  if (descriptor) *descriptor = -1;
  if (milliseconds >= 0) {
    int64_t end = now() + milliseconds;
    while (true) {
      struct pollfd wait = {.fd = socket, .events = POLLIN};
      int64_t left = end - now();
      int ready = poll(&wait, 1, left > 0 ? (int)left : 0);
      if (ready > 0) break;
      if (ready == 0) {
        errno = ETIMEDOUT;
        return -1;
      }
      if (errno != EINTR) return -1;
    }
  }
  struct iovec part = {.iov_base = bytes, .iov_len = count};
  control control = {0};
  struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
  // Without room for descriptors the kernel keeps them away.
  if (descriptor) {
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
  }
  ssize_t received;
  do received = recvmsg(socket, &message, MSG_CMSG_CLOEXEC);
  while (received < 0 && errno == EINTR);
  // The other side went with a message unread.
  if (received < 0 && errno == ECONNRESET) received = 0;
  if (received <= 0) {
    if (received == 0) errno = 0;
    return received;
  }
  struct cmsghdr *header = descriptor ? CMSG_FIRSTHDR(&message) : NULL;
  if (header && header->cmsg_level == SOL_SOCKET && header->cmsg_type == SCM_RIGHTS &&
      header->cmsg_len == CMSG_LEN(sizeof *descriptor))
    memcpy(descriptor, CMSG_DATA(header), sizeof *descriptor);
  return received;
}

static void *wait_for_end(void *socket) {
  while (true) {
    struct pollfd wait = {.fd = (int)(intptr_t)socket, .events = POLLRDHUP};
    if (poll(&wait, 1, -1) > 0 && wait.revents) _exit(0);
  }
}

void narrate_end_with(int socket) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, wait_for_end, (void *)(intptr_t)socket) == 0) pthread_detach(thread);
}
