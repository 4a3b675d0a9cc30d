import Foundation

/// A file opened for reading.
final class InputFile {
  let name: String
  let descriptor: Int32
  let status: stat

  /// Bytes of the file; nil for a pipe.
  var size: Int? { status.st_mode & S_IFMT == S_IFREG ? Int(status.st_size) : nil }
  var source: FileSource { FileSource(descriptor: descriptor, name: name) }

  /// - Parameters:
  ///   - following: whether symbolic links are followed.
  ///   - pipes: whether a pipe will do; a regular file always does.
  /// - Throws: `FileError` where the file cannot be opened, `NotRegular` where it is none of these.
  init(_ name: String, following: Bool, pipes: Bool = false) throws {
    self.name = name
    var status = stat()
    guard lstat(name.fileSystemName, &status) == 0 else { throw FileError(name, code: errno) }
    if status.st_mode & S_IFMT == S_IFLNK {
      guard following else { throw NotRegular(name: name, what: "is a symbolic link") }
      guard stat(name.fileSystemName, &status) == 0 else { throw FileError(name, code: errno) }
    }
    let kind = status.st_mode & S_IFMT
    guard kind == S_IFREG || pipes && kind == S_IFIFO else {
      let isDirectory = status.st_mode & S_IFMT == S_IFDIR
      throw NotRegular(name: name, what: isDirectory ? "is a directory" : "is not a regular file")
    }
    let descriptor = open(name.fileSystemName, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError(name, code: errno) }
    self.descriptor = descriptor
    self.status = status
  }

  deinit { close(descriptor) }

  /// What a file holds, or standard input for -; at most `head` bytes.
  ///
  /// - Throws: `FileError` where it cannot be read or is neither a regular file nor a pipe.
  static func content(_ name: String, head: Int = .max) throws -> [UInt8] {
    if name == "-" {
      var source = FileSource.standardInput
      return try source.readAll(head)
    }
    do {
      let file = try InputFile(name, following: true, pipes: true)
      var source = file.source
      return try source.readAll(head)
    } catch let other as NotRegular {
      throw FileError(other.name, other.what)
    }
  }

  /// Removes the file, if the name still stands for the one that was read.
  func remove() throws {
    var now = stat()
    guard lstat(name.fileSystemName, &now) == 0 else { throw FileError(name, code: errno) }
    guard now.st_dev == status.st_dev, now.st_ino == status.st_ino,
      now.st_size == status.st_size,
      now.st_mtim.tv_sec == status.st_mtim.tv_sec, now.st_mtim.tv_nsec == status.st_mtim.tv_nsec
    else {
      throw FileError(name, "changed while it was read; not removed")
    }
    guard unlink(name.fileSystemName) == 0 else { throw FileError(name, code: errno) }
  }
}

/// Not an error of reading: an operand that is passed over with a warning.
struct NotRegular: Error {
  let name: String
  let what: String
}
