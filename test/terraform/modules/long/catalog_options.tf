variable "step" {
  type = number
}

resource "aws_glue_catalog_database" "d" {
  name         = "catalog_options"
  location_uri = "s3://lake/"
  parameters   = { a = tostring(var.step) }
}

resource "aws_glue_catalog_table" "t" {
  name          = "t"
  database_name = aws_glue_catalog_database.d.name
  description   = "step ${var.step}"
  owner         = "me"
  retention     = 3
  storage_descriptor {
    bucket_columns            = ["a"]
    compressed                = true
    number_of_buckets         = 2
    stored_as_sub_directories = true
    sort_columns {
      column     = "a"
      sort_order = 1
    }
    skewed_info {
      skewed_column_names = ["a"]
    }
    columns {
      name = "a"
      type = "string"
    }
  }
}

resource "aws_glue_catalog_table" "view" {
  name               = "v"
  database_name      = aws_glue_catalog_database.d.name
  table_type         = "VIRTUAL_VIEW"
  view_original_text = "select ${var.step}"
  view_expanded_text = "select ${var.step}"
}
