from .sql_briefs import SqlBriefs as SqlBriefs
from .sql_calibrations import SqlCalibrations as SqlCalibrations
