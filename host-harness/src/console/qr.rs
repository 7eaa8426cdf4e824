//! An address as a QR code: how large it is and the dark squares as the data of one SVG path.
//! The drawing itself stands in the template.

use qrcode::{Color, EcLevel};

/// Empty squares around a code, without which readers do not find it (ISO/IEC 18004).
const QUIET: usize = 4;

/// A code, ready to draw.
pub(super) struct QrCode {
    /// Squares along an edge, the quiet zone included.
    pub(super) size: usize,
    /// Data of the path over the dark squares, in squares.
    pub(super) path: String,
}

impl QrCode {
    /// The code of `text`; none when it is longer than any code holds.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).ok()?;
        let width = code.width();
        let mut path = String::new();
        for (y, row) in code.to_colors().chunks(width).enumerate() {
            let mut x = 0;
            // Neighbours are drawn in one stroke, so that no hairlines show between them.
            for run in row.chunk_by(|one, next| one == next) {
                if run.first() == Some(&Color::Dark) {
                    let length = run.len();
                    path.push_str(&format!("M{} {}h{length}v1h-{length}z", x + QUIET, y + QUIET));
                }
                x += run.len();
            }
        }
        Some(Self {
            size: width + 2 * QUIET,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The squares a path covers.
    fn squares(code: &QrCode) -> Vec<Vec<bool>> {
        let mut grid = vec![vec![false; code.size]; code.size];
        for stroke in code.path.split_terminator('z') {
            let (at, length) = stroke.strip_prefix('M').unwrap().split_once('h').unwrap();
            let (x, y) = at.split_once(' ').unwrap();
            let length: usize = length.split_once('v').unwrap().0.parse().unwrap();
            let (x, y): (usize, usize) = (x.parse().unwrap(), y.parse().unwrap());
            for covered in &mut grid[y][x..x + length] {
                assert!(!*covered, "drawn twice");
                *covered = true;
            }
        }
        grid
    }

    #[test]
    fn the_path_is_the_code_with_its_quiet_zone() {
        let text = "https://service.example.com/summit/pages/l/0123456789abcdefghjkmnpqrs";
        let code = QrCode::of(text).unwrap();
        let grid = squares(&code);
        let expected = qrcode::QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
        for y in 0..code.size {
            for x in 0..code.size {
                let inside = (QUIET..code.size - QUIET).contains(&x) && (QUIET..code.size - QUIET).contains(&y);
                let dark = inside && expected[(x - QUIET, y - QUIET)] == Color::Dark;
                assert_eq!(grid[y][x], dark, "{x} {y}");
            }
        }
        // A finder pattern stands in three corners: its outer ring is seven dark squares.
        assert!(grid[QUIET][QUIET..QUIET + 7].iter().all(|dark| *dark));
    }

    #[test]
    fn what_no_code_can_hold_has_none() {
        assert!(QrCode::of(&"x".repeat(8_000)).is_none());
    }
}
