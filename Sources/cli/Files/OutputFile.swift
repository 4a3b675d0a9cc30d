import Foundation

/// A file in the making: written without a name, or under a temporary one where the file system has no files
/// without, and put beside its target and in its place only when it is complete and on disk. Until then the
/// target is as it was.
final class OutputFile {
  private let target: String
  private let temporary: String
  private let descriptor: Int32
  private let replacing: Bool
  /// Whether it has its temporary name.
  private var isNamed = false
  private var isOpen = true
  private var isDone = false

  /// - Parameter replacing: whether a target that exists is replaced.
  /// - Throws: `FileError` where the target exists or its directory cannot be written.
  init(_ target: String, replacing: Bool) throws {
    self.target = target
    self.replacing = replacing
    var status = stat()
    if lstat(target.fileSystemName, &status) == 0 {
      guard replacing else { throw FileError(target, "already exists; use -f to replace it") }
      guard status.st_mode & S_IFMT != S_IFDIR else { throw FileError(target, "is a directory") }
    }
    temporary = "\(target).\(getpid()).tmp"
    let nameless = open(
      Self.directory(of: target).fileSystemName, O_RDWR | O_DIRECTORY | Self.nameless | O_CLOEXEC,
      0o600)
    if nameless >= 0 {
      descriptor = nameless
      return
    }
    let named = open(temporary.fileSystemName, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    // Before all properties are set, so that deinit does not remove a file that is not ours.
    guard named >= 0 else { throw FileError(target, code: errno) }
    descriptor = named
    isNamed = true
    Interrupts.cleanUp(temporary)
  }

  deinit {
    if isOpen { close(descriptor) }
    if !isDone && isNamed {
      unlink(temporary.fileSystemName)
      Interrupts.cleanUp(nil)
    }
  }

  /// The part of Linux's O_TMPFILE that Swift does not see.
  private static let nameless: Int32 = 0o20_000_000

  var sink: FileSink { FileSink(descriptor: descriptor, name: target) }

  /// What was written, from the start.
  func reread() throws -> FileSource {
    guard lseek(descriptor, 0, SEEK_SET) == 0 else { throw FileError(target, code: errno) }
    return FileSource(descriptor: descriptor, name: target)
  }

  /// Puts the file in its place: owner where permitted, mode and times of `input`, flushed to disk, renamed.
  func commit(like input: stat?) throws {
    if let input {
      if fchown(descriptor, input.st_uid, input.st_gid) != 0 {
        // Not ours to give away; the mode still is.
      }
      // Never the set-user-id, set-group-id or sticky bit.
      guard fchmod(descriptor, input.st_mode & 0o777) == 0 else {
        throw FileError(target, code: errno)
      }
      let times = [input.st_atim, input.st_mtim]
      guard futimens(descriptor, times) == 0 else { throw FileError(target, code: errno) }
    } else {
      let mask = umask(0)
      umask(mask)
      guard fchmod(descriptor, 0o666 & ~mask) == 0 else { throw FileError(target, code: errno) }
    }
    guard fsync(descriptor) == 0 else { throw FileError(target, code: errno) }
    try giveName()
    isOpen = false
    guard close(descriptor) == 0 else { throw FileError(target, code: errno) }
    if replacing {
      guard rename(temporary.fileSystemName, target.fileSystemName) == 0 else {
        throw FileError(target, code: errno)
      }
    } else {
      // link() fails where the target has come into being meanwhile; rename() would replace it.
      if link(temporary.fileSystemName, target.fileSystemName) == 0 {
        unlink(temporary.fileSystemName)
      } else if errno == EEXIST {
        throw FileError(target, "already exists; use -f to replace it")
      } else {
        // File systems without hard links.
        guard rename(temporary.fileSystemName, target.fileSystemName) == 0 else {
          throw FileError(target, code: errno)
        }
      }
    }
    isDone = true
    Interrupts.cleanUp(nil)
    try syncDirectory()
  }

  /// Gives a file without a name its temporary one.
  private func giveName() throws {
    guard !isNamed else { return }
    Interrupts.cleanUp(temporary)
    let this = "/proc/self/fd/\(descriptor)"
    guard linkat(AT_FDCWD, this, AT_FDCWD, temporary.fileSystemName, AT_SYMLINK_FOLLOW) == 0 else {
      let code = errno
      Interrupts.cleanUp(nil)
      throw FileError(target, code: code)
    }
    isNamed = true
  }

  private static func directory(of path: String) -> String {
    let slash = path.lastIndex(of: "/")
    return slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
  }

  private func syncDirectory() throws {
    let directory = Self.directory(of: target)
    let handle = open(directory.fileSystemName, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard handle >= 0 else { return }  // a directory that may be written but not read
    defer { close(handle) }
    guard fsync(handle) == 0 || errno == EINVAL else { throw FileError(directory, code: errno) }
  }
}
