/*
 * Loaded into a server by LD_PRELOAD. Records everything that changes the files below DISK_SHIM_FOLDER, in order, into
 * DISK_SHIM_LOG, so that disk-log.ts and disk-model.ts can rebuild what a power cut at any moment may leave. Syncs are
 * recorded and not passed on. Faults are injected by the numbers in the file DISK_SHIM_FAULTS, which is read anew at
 * each call: "<failing syncs> <full disks> <short writes>", each in a million.
 *
 * A record: kind (1 byte), inode, a, b (8 bytes each), lengths of path, second path and data (4 bytes each), these.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

enum {
  ROOT = 'r', CREATE = 'c', MAKE_FOLDER = 'm', WRITE = 'w', TRUNCATE = 't', SYNC_BEGIN = 'b', SYNC_END = 's',
  SYNC_FAILED = 'f', RENAME = 'n', UNLINK = 'u', REMOVE_FOLDER = 'd', LINK = 'l', SYMLINK = 'y', CHMOD = 'p'
};

static int log_fd = -1;
static char folder[PATH_MAX];
static size_t folder_length;
static const char *faults_path;
/* Syncs of paths that contain it do nothing and succeed: shows that the checker finds a sync that is missing. */
static const char *skipped_syncs;
static unsigned random_state;
static uint64_t sync_id;
static pthread_mutex_t order = PTHREAD_MUTEX_INITIALIZER;

struct header {
  char kind;
  uint64_t inode, a, b;
  uint32_t path_length, other_length, data_length;
} __attribute__((packed));

static void append(char kind, uint64_t inode, uint64_t a, uint64_t b, const char *path, const char *other,
                   const void *data, size_t data_length) {
  struct header header = {kind, inode, a, b, path ? strlen(path) : 0, other ? strlen(other) : 0, data_length};
  struct iovec parts[4] = {{&header, sizeof header},
                           {(void *)path, header.path_length},
                           {(void *)other, header.other_length},
                           {(void *)data, data_length}};
  if (syscall(SYS_writev, log_fd, parts, 4) != (long)(sizeof header + header.path_length + header.other_length + data_length))
    abort();
}

__attribute__((constructor)) static void start(void) {
  const char *path = getenv("DISK_SHIM_FOLDER"), *log = getenv("DISK_SHIM_LOG"), *seed = getenv("DISK_SHIM_SEED");
  /* The server's own children are not recorded. */
  unsetenv("LD_PRELOAD");
  if (!path || !log || !realpath(path, folder)) return;
  folder_length = strlen(folder);
  faults_path = getenv("DISK_SHIM_FAULTS");
  skipped_syncs = getenv("DISK_SHIM_SKIPPED_SYNCS");
  random_state = seed ? strtoul(seed, 0, 10) : 1;
  log_fd = syscall(SYS_openat, AT_FDCWD, log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
  struct stat at;
  if (log_fd >= 0 && stat(folder, &at) == 0) append(ROOT, at.st_ino, at.st_mode, 0, folder, 0, 0, 0);
}

static int is_inside(const char *path) {
  return log_fd >= 0 && strncmp(path, folder, folder_length) == 0 && (path[folder_length] == '/' || path[folder_length] == 0);
}

static int path_of(int fd, char *path) {
  char link[64];
  if (log_fd < 0 || fd == log_fd) return 0;
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, PATH_MAX - 1);
  if (length <= 0) return 0;
  path[length] = 0;
  return is_inside(path);
}

/* The path as the folder has it: absolute, with links in its parents resolved, its last part as it is. */
static int absolute(int at, const char *path, char *resolved) {
  char whole[PATH_MAX], parent[PATH_MAX];
  if (log_fd < 0) return 0;
  if (path[0] == '/') {
    if (snprintf(whole, PATH_MAX, "%s", path) >= PATH_MAX) return 0;
  } else {
    char base[PATH_MAX], link[64];
    if (at == AT_FDCWD) {
      if (!getcwd(base, PATH_MAX)) return 0;
    } else {
      snprintf(link, sizeof link, "/proc/self/fd/%d", at);
      ssize_t length = readlink(link, base, PATH_MAX - 1);
      if (length <= 0) return 0;
      base[length] = 0;
    }
    if (snprintf(whole, PATH_MAX, "%s/%s", base, path) >= PATH_MAX) return 0;
  }
  size_t length = strlen(whole);
  while (length > 1 && whole[length - 1] == '/') whole[--length] = 0;
  char *name = strrchr(whole, '/');
  if (!name) return 0;
  *name++ = 0;
  if (!realpath(whole[0] ? whole : "/", parent)) return 0;
  if (snprintf(resolved, PATH_MAX, "%s/%s", parent, name) >= PATH_MAX) return 0;
  return is_inside(resolved);
}

enum fault { FAILING_SYNC, FULL_DISK, SHORT_WRITE };

static int strikes(enum fault fault) {
  unsigned chances[3] = {0, 0, 0};
  char text[100];
  if (!faults_path) return 0;
  int fd = syscall(SYS_openat, AT_FDCWD, faults_path, O_RDONLY | O_CLOEXEC);
  if (fd < 0) return 0;
  ssize_t length = syscall(SYS_read, fd, text, sizeof text - 1);
  syscall(SYS_close, fd);
  if (length <= 0) return 0;
  text[length] = 0;
  sscanf(text, "%u %u %u", &chances[0], &chances[1], &chances[2]);
  return chances[fault] && (unsigned)(rand_r(&random_state) % 1000000) < chances[fault];
}

/* -2 when it is no regular file of the folder. */
static ssize_t record_write(int fd, const struct iovec *parts, int count, off_t offset, int is_positioned) {
  char path[PATH_MAX];
  struct stat at;
  if (!path_of(fd, path) || fstat(fd, &at) != 0 || !S_ISREG(at.st_mode)) return -2;
  pthread_mutex_lock(&order);
  fstat(fd, &at);
  size_t length = 0;
  for (int i = 0; i < count; i++) length += parts[i].iov_len;
  ssize_t written = -1;
  if (length > 0 && strikes(FULL_DISK)) {
    pthread_mutex_unlock(&order);
    errno = ENOSPC;
    return -1;
  }
  if (!is_positioned) offset = fcntl(fd, F_GETFL) & O_APPEND ? at.st_size : lseek(fd, 0, SEEK_CUR);
  if (length > 1 && strikes(SHORT_WRITE)) length = 1 + rand_r(&random_state) % (length - 1);
  char *bytes = malloc(length ? length : 1);
  size_t filled = 0;
  for (int i = 0; i < count && filled < length; i++) {
    size_t some = parts[i].iov_len < length - filled ? parts[i].iov_len : length - filled;
    memcpy(bytes + filled, parts[i].iov_base, some);
    filled += some;
  }
  written = is_positioned ? syscall(SYS_pwrite64, fd, bytes, length, offset) : syscall(SYS_write, fd, bytes, length);
  int error = errno;
  if (written > 0) append(WRITE, at.st_ino, offset, 0, path, 0, bytes, written);
  free(bytes);
  pthread_mutex_unlock(&order);
  errno = error;
  return written;
}

static int record_sync(int fd, long number) {
  char path[PATH_MAX];
  struct stat at;
  if (!path_of(fd, path) || fstat(fd, &at) != 0) return syscall(number, fd);
  if (skipped_syncs && strstr(path, skipped_syncs)) return 0;
  pthread_mutex_lock(&order);
  uint64_t id = ++sync_id;
  append(SYNC_BEGIN, at.st_ino, id, 0, path, 0, 0, 0);
  int fails = S_ISREG(at.st_mode) && strikes(FAILING_SYNC);
  pthread_mutex_unlock(&order);
  /* What is written meanwhile is not covered. */
  usleep(200);
  pthread_mutex_lock(&order);
  append(fails ? SYNC_FAILED : SYNC_END, at.st_ino, id, 0, path, 0, 0, 0);
  pthread_mutex_unlock(&order);
  errno = EIO;
  return fails ? -1 : 0;
}

int fsync(int fd) { return record_sync(fd, SYS_fsync); }
int fdatasync(int fd) { return record_sync(fd, SYS_fdatasync); }

#define RECORD_WRITE(parts, count, offset, is_positioned)                         \
  do {                                                                            \
    ssize_t written = record_write(fd, (parts), (count), (offset), is_positioned); \
    if (written != -2) return written;                                            \
  } while (0)

ssize_t write(int fd, const void *bytes, size_t length) {
  struct iovec part = {(void *)bytes, length};
  RECORD_WRITE(&part, 1, 0, 0);
  return syscall(SYS_write, fd, bytes, length);
}

ssize_t writev(int fd, const struct iovec *parts, int count) {
  RECORD_WRITE(parts, count, 0, 0);
  return syscall(SYS_writev, fd, parts, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t length, off_t offset) {
  struct iovec part = {(void *)bytes, length};
  RECORD_WRITE(&part, 1, offset, 1);
  return syscall(SYS_pwrite64, fd, bytes, length, offset);
}

ssize_t pwrite(int fd, const void *bytes, size_t length, off_t offset) { return pwrite64(fd, bytes, length, offset); }

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t offset) {
  RECORD_WRITE(parts, count, offset, 1);
  return syscall(SYS_pwritev, fd, parts, count, offset, 0);
}

ssize_t pwritev64(int fd, const struct iovec *parts, int count, off_t offset) { return pwritev(fd, parts, count, offset); }

/* Copies within the kernel are refused for files of the folder: the caller reads and writes instead. libuv makes the
   call without a function of its own. */
long syscall(long number, ...) {
  static long (*passed_on)(long, ...);
  if (!passed_on) passed_on = (long (*)(long, ...))dlsym(RTLD_NEXT, "syscall");
  va_list rest;
  long a[6];
  va_start(rest, number);
  for (int i = 0; i < 6; i++) a[i] = va_arg(rest, long);
  va_end(rest);
  char path[PATH_MAX];
  if (number == SYS_copy_file_range && path_of(a[2], path)) {
    errno = EINVAL;
    return -1;
  }
  return passed_on(number, a[0], a[1], a[2], a[3], a[4], a[5]);
}

ssize_t copy_file_range(int from, off64_t *from_offset, int to, off64_t *to_offset, size_t length, unsigned flags) {
  return syscall(SYS_copy_file_range, from, from_offset, to, to_offset, length, flags);
}

ssize_t sendfile64(int to, int from, off_t *offset, size_t length) {
  char path[PATH_MAX];
  if (path_of(to, path)) {
    errno = EINVAL;
    return -1;
  }
  return syscall(SYS_sendfile, to, from, offset, length);
}

ssize_t sendfile(int to, int from, off_t *offset, size_t length) { return sendfile64(to, from, offset, length); }

int ftruncate64(int fd, off_t length) {
  char path[PATH_MAX];
  struct stat at;
  if (!path_of(fd, path)) return syscall(SYS_ftruncate, fd, length);
  pthread_mutex_lock(&order);
  int result = syscall(SYS_ftruncate, fd, length);
  int error = errno;
  if (result == 0 && fstat(fd, &at) == 0) append(TRUNCATE, at.st_ino, length, 0, path, 0, 0, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return result;
}

int ftruncate(int fd, off_t length) { return ftruncate64(fd, length); }

static int record_open(int at, const char *given, int flags, mode_t mode) {
  char path[PATH_MAX];
  struct stat before, after;
  if (!(flags & (O_CREAT | O_TRUNC)) || (flags & O_TMPFILE) == O_TMPFILE || !absolute(at, given, path))
    return syscall(SYS_openat, at, given, flags, mode);
  pthread_mutex_lock(&order);
  int existed = stat(path, &before) == 0;
  int fd = syscall(SYS_openat, at, given, flags, mode);
  int error = errno;
  if (fd >= 0 && fstat(fd, &after) == 0 && S_ISREG(after.st_mode)) {
    if (!existed) append(CREATE, after.st_ino, after.st_mode, 0, path, 0, 0, 0);
    else if ((flags & O_TRUNC) && before.st_size > 0) append(TRUNCATE, after.st_ino, 0, 0, path, 0, 0, 0);
  }
  pthread_mutex_unlock(&order);
  errno = error;
  return fd;
}

#define MODE(flags)                                   \
  mode_t mode = 0;                                    \
  if ((flags) & (O_CREAT | O_TMPFILE)) {              \
    va_list rest;                                     \
    va_start(rest, flags);                            \
    mode = va_arg(rest, mode_t);                      \
    va_end(rest);                                     \
  }

int open(const char *path, int flags, ...) { MODE(flags) return record_open(AT_FDCWD, path, flags, mode); }
int open64(const char *path, int flags, ...) { MODE(flags) return record_open(AT_FDCWD, path, flags | O_LARGEFILE, mode); }
int openat(int at, const char *path, int flags, ...) { MODE(flags) return record_open(at, path, flags, mode); }
int openat64(int at, const char *path, int flags, ...) { MODE(flags) return record_open(at, path, flags | O_LARGEFILE, mode); }

/* Of two paths, of which both lie in the folder. */
#define RECORD_TWO(kind, call)                                                  \
  char old_path[PATH_MAX], new_path[PATH_MAX];                                  \
  if (!absolute(old_at, old, old_path) || !absolute(new_at, new, new_path)) return call; \
  pthread_mutex_lock(&order);                                                   \
  int result = call;                                                            \
  int error = errno;                                                            \
  if (result == 0) append(kind, 0, 0, 0, old_path, new_path, 0, 0);             \
  pthread_mutex_unlock(&order);                                                 \
  errno = error;                                                                \
  return result;

int renameat(int old_at, const char *old, int new_at, const char *new) {
  RECORD_TWO(RENAME, syscall(SYS_renameat2, old_at, old, new_at, new, 0))
}
int rename(const char *old, const char *new) { return renameat(AT_FDCWD, old, AT_FDCWD, new); }

int linkat(int old_at, const char *old, int new_at, const char *new, int flags) {
  RECORD_TWO(LINK, syscall(SYS_linkat, old_at, old, new_at, new, flags))
}
int link(const char *old, const char *new) { return linkat(AT_FDCWD, old, AT_FDCWD, new, 0); }

int symlink(const char *target, const char *given) {
  char path[PATH_MAX];
  if (!absolute(AT_FDCWD, given, path)) return syscall(SYS_symlinkat, target, AT_FDCWD, given);
  pthread_mutex_lock(&order);
  int result = syscall(SYS_symlinkat, target, AT_FDCWD, given);
  int error = errno;
  if (result == 0) append(SYMLINK, 0, 0, 0, path, target, 0, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return result;
}

int unlinkat(int at, const char *given, int flags) {
  char path[PATH_MAX];
  if (!absolute(at, given, path)) return syscall(SYS_unlinkat, at, given, flags);
  pthread_mutex_lock(&order);
  int result = syscall(SYS_unlinkat, at, given, flags);
  int error = errno;
  if (result == 0) append(flags & AT_REMOVEDIR ? REMOVE_FOLDER : UNLINK, 0, 0, 0, path, 0, 0, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return result;
}

int unlink(const char *path) { return unlinkat(AT_FDCWD, path, 0); }
int rmdir(const char *path) { return unlinkat(AT_FDCWD, path, AT_REMOVEDIR); }

int remove(const char *path) {
  struct stat at;
  if (lstat(path, &at) != 0) return -1;
  return S_ISDIR(at.st_mode) ? rmdir(path) : unlink(path);
}

int mkdirat(int at, const char *given, mode_t mode) {
  char path[PATH_MAX];
  struct stat made;
  if (!absolute(at, given, path)) return syscall(SYS_mkdirat, at, given, mode);
  pthread_mutex_lock(&order);
  int result = syscall(SYS_mkdirat, at, given, mode);
  int error = errno;
  if (result == 0 && stat(path, &made) == 0) append(MAKE_FOLDER, made.st_ino, made.st_mode, 0, path, 0, 0, 0);
  pthread_mutex_unlock(&order);
  errno = error;
  return result;
}

int mkdir(const char *path, mode_t mode) { return mkdirat(AT_FDCWD, path, mode); }

static int record_chmod(const struct stat *at, mode_t mode, int result, const char *path) {
  int error = errno;
  if (result == 0) {
    pthread_mutex_lock(&order);
    append(CHMOD, at->st_ino, mode, 0, path, 0, 0, 0);
    pthread_mutex_unlock(&order);
  }
  errno = error;
  return result;
}

int fchmod(int fd, mode_t mode) {
  char path[PATH_MAX];
  struct stat at;
  if (!path_of(fd, path) || fstat(fd, &at) != 0) return syscall(SYS_fchmod, fd, mode);
  return record_chmod(&at, mode, syscall(SYS_fchmod, fd, mode), path);
}

int chmod(const char *given, mode_t mode) {
  char path[PATH_MAX];
  struct stat at;
  if (!absolute(AT_FDCWD, given, path) || stat(path, &at) != 0) return syscall(SYS_fchmodat, AT_FDCWD, given, mode);
  return record_chmod(&at, mode, syscall(SYS_fchmodat, AT_FDCWD, given, mode), path);
}
